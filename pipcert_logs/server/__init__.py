"""The backend of a chatbot: HTTP, and MCP."""
