"""Schedules, levelling, baselines, money, uncertainty and workload, computed from a vault; pure."""
