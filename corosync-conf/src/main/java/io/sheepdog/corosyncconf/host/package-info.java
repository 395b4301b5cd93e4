/**
 * What a check has to know of a host: its name, its addresses, how names resolve. Start at {@link
 * io.sheepdog.corosyncconf.host.LocalHost}; tests bring their own.
 *
 * <p>Lookups of names block the calling thread; everything else is immediate.
 */
@NullMarked
package io.sheepdog.corosyncconf.host;

import org.jspecify.annotations.NullMarked;
