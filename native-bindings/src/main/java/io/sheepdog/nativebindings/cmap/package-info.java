/**
 * libcmap: corosync's configuration as it runs. Start at {@link
 * io.sheepdog.nativebindings.cmap.TotemTimes}. Any thread.
 */
@NullMarked
package io.sheepdog.nativebindings.cmap;

import org.jspecify.annotations.NullMarked;
