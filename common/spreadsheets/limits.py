"""How much of a stranger's workbook we are ready to look at."""

MIB = 1024 * 1024

FILE_BYTES = 10 * MIB
ZIP_ENTRIES = 200
INFLATED_BYTES = 128 * MIB
INFLATION_RATIO = 100  # asked only of what grows beyond RATIO_FREE_BYTES
RATIO_FREE_BYTES = 1 * MIB
SMALL_PART_BYTES = 4 * MIB  # workbook.xml, relations, content types

ROWS = 120_000
COLUMNS = 60  # A..BH
UNFOLDED_BYTES = 192 * MIB  # of one workbook's rows as text
SHEETS = 20
NOTES = 200

CHILD_MEMORY_BYTES = 512 * MIB
CHILD_OUTPUT_BYTES = 512 * MIB
CHILD_SECONDS = 60
