"""Spreadsheets in and out: .xlsx only, streamed, nothing trusted.

``writer`` makes files of any length in constant memory, ``reader`` opens what strangers upload,
``columns`` finds headings, ``values`` reads cells, ``template`` makes the form people fill in.
"""
