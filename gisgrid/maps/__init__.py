"""Interactive maps that need no network: folium draws what it is handed; nothing here queries anything."""
