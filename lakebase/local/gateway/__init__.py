"""The Postgres wire protocol, on one TLS port before every branch.

gateway.py listens; certificate.py is what it shows. Each client is a session.py: through tls.py it says who it is
(greeting.py, in the bytes of startup.py), awaken.py wakes the compute that its token names and logs in there
(upstream.py, login_reply.py), and from then on every chunk is passed on, both ways. statements.py tells whether a query
runs, farewell.py ends the connection. Faults slow it down or break it by disturbance.py and delay_line.py. Nothing here
knows of REST, records or clusters: what the gateway needs of a compute stands in gateway.py.
"""
