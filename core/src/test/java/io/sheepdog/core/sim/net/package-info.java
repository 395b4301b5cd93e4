/**
 * The simulated network: between daemons ({@link io.sheepdog.core.sim.net.PeerNetwork}) and from
 * clients to daemons ({@link io.sheepdog.core.sim.net.ClientNetwork}). Bytes of one direction of
 * one connection keep their order; connections overtake each other; a connection breaks with its
 * process or when a fault wants it, and then nobody knows which requests were carried out. The
 * world's thread only.
 */
@NullMarked
package io.sheepdog.core.sim.net;

import org.jspecify.annotations.NullMarked;
