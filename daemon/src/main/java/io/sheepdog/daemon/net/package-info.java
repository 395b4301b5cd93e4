/**
 * Sockets of the daemon: servers for clients and peers, and connections to peers.
 *
 * <p>Start from {@link io.sheepdog.daemon.net.SheepServer} (incoming) and {@link
 * io.sheepdog.daemon.net.PeerTransport} (outgoing). Everything runs on one event loop, the core
 * loop, and nothing here blocks it. What is under way is bounded per connection and in total
 * ({@link io.sheepdog.daemon.net.ServerLimits}); at a bound the sockets are not read until replies
 * have gone out.
 */
@NullMarked
package io.sheepdog.daemon.net;

import org.jspecify.annotations.NullMarked;
