"""What a plan (活动方案) says, as plain data: its text, what is missing, differences, the public summary, its sheet."""
