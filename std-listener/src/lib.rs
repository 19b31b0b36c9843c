//! WebSocket connections the way `TcpListener` gives TCP connections.
