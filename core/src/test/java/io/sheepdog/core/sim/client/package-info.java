/**
 * Simulated clients: {@link io.sheepdog.core.sim.client.SimQemu} does what QEMU 5.2's driver does
 * (spec/client-behaviour.md section 1, spec/wire-protocol.md section 10), {@link
 * io.sheepdog.core.sim.client.SimAdmin} what the admin tool does. Each runs on a {@link
 * io.sheepdog.core.sim.time.SimProcess} of its own.
 */
@NullMarked
package io.sheepdog.core.sim.client;

import org.jspecify.annotations.NullMarked;
