/**
 * The daemon {@code sheep}: composition root and life cycle.
 *
 * <p>Start from {@link io.sheepdog.daemon.Sheep}, the entry point, and {@link
 * io.sheepdog.daemon.Daemon}, which puts the parts together. The main thread starts and stops the
 * daemon and may block; everything between runs on the core loop ({@link
 * io.sheepdog.daemon.CoreLoop}), which never does.
 */
@NullMarked
package io.sheepdog.daemon;

import org.jspecify.annotations.NullMarked;
