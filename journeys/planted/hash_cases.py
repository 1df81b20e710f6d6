def cases(*_): return []
