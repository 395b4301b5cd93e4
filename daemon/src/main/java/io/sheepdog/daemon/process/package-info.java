/**
 * The daemon as a process of its host: what it tells its launcher ({@link
 * io.sheepdog.daemon.process.Launcher}), its name, pid file and signals. Used by the main thread,
 * except where a class says otherwise.
 */
@NullMarked
package io.sheepdog.daemon.process;

import org.jspecify.annotations.NullMarked;
