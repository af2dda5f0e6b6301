"""What ``./run demo`` and ``./run manage`` start: database, web server, worker, and their orderly end.

Django is not loaded here: everything that needs it is a child process.
"""
