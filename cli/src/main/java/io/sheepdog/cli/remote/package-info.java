/**
 * What the commands ask of daemons, over one blocking connection per daemon. Start at {@link
 * io.sheepdog.cli.remote.Remote}. Used by one thread.
 */
@NullMarked
package io.sheepdog.cli.remote;

import org.jspecify.annotations.NullMarked;
