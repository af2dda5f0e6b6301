"""Roster import (名册导入): a workbook becomes rows, rows a plan, the plan a preview, a confirmed one the roster.

``sheets`` knows the columns, ``staging`` brings the rows into PostgreSQL, ``tree`` plans the organizations,
``judge`` the members, ``posts`` the appointments, ``preview`` stores what was found, ``apply`` writes,
``jobs`` drives all this in the background.
"""
