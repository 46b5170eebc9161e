"""Points in time: each branch's log archive and base copies, from which any moment of its history can be had again."""
