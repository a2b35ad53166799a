"""Pages that show how things stand: home, dashboard, briefing, health check."""
