"""PostgreSQL clusters, on disk and as processes.

postgres.py is one of them: its directory, its configuration, its server. binaries.py finds the programs, account.py the
user they run as, data.py the directories, orphan.py a server that a killed emulator has left. branching.py copies
clusters, sleeping or running, by clone.py, a program of its own; backup_label.py lets the copy start however often its
first start was killed, and wal.py knows the files of the log. Who sleeps and wakes, and which branch a cluster belongs
to, others know.
"""
