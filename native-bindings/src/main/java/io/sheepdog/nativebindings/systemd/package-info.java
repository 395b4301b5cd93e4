/**
 * libsystemd: telling the service manager how the start goes. Start at {@link
 * io.sheepdog.nativebindings.systemd.ServiceManager}. Any thread.
 */
@NullMarked
package io.sheepdog.nativebindings.systemd;

import org.jspecify.annotations.NullMarked;
