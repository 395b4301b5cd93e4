/**
 * The log of the daemon, set up in code (reading XML would slow the start).
 *
 * <p>Start from {@link io.sheepdog.daemon.logging.SheepLog}. Any thread may log: lines are
 * formatted where they arise and written by a thread of their own through a bounded queue, so that
 * a slow disk never stops the core loop.
 */
@NullMarked
package io.sheepdog.daemon.logging;

import org.jspecify.annotations.NullMarked;
