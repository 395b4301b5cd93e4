/**
 * Simulated time: one {@link io.sheepdog.core.sim.time.EventQueue} per world, and {@link
 * io.sheepdog.core.sim.time.SimProcess}, which is the core loop and the clock of one simulated
 * daemon or client. Everything happens on the thread that calls {@link
 * io.sheepdog.core.sim.time.EventQueue#runNext}.
 */
@NullMarked
package io.sheepdog.core.sim.time;

import org.jspecify.annotations.NullMarked;
