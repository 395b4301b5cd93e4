/** Tests of the NBD server, byte by byte, over a node in memory. */
@NullMarked
package io.sheepdog.daemon.nbd;

import org.jspecify.annotations.NullMarked;
