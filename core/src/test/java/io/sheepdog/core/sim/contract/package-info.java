/**
 * Contract suites: one abstract JUnit class per interface of {@link io.sheepdog.core.spi}, run over
 * every implementation of it (here over the in-memory ones, in module daemon over files and over
 * the real cluster drivers, which find these classes in the test-jar of module core). Start at
 * {@link io.sheepdog.core.sim.contract.ContractLoop}, which hides whether time is simulated.
 *
 * <p>Threads: a test runs on JUnit's thread and reaches the implementation only through its {@link
 * io.sheepdog.core.sim.contract.ContractLoop}.
 */
@NullMarked
package io.sheepdog.core.sim.contract;

import org.jspecify.annotations.NullMarked;
