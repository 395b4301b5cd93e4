/**
 * Our daemons against recordings of the reference implementation: the requests that QEMU 5.2 and
 * dog once sent are sent again, and every reply is compared with the recorded one.
 *
 * <p>Start at {@link io.sheepdog.integration.golden.GoldenReplayIT}; what may differ is in {@link
 * io.sheepdog.integration.golden.Tolerances} (values nobody can predict) and {@link
 * io.sheepdog.integration.golden.KnownDifferences} (what we do differently on purpose). One thread.
 */
@NullMarked
package io.sheepdog.integration.golden;

import org.jspecify.annotations.NullMarked;
