package io.sheepdog.core.sim.contract;

import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The core loop as a contract test sees it: everything that touches the implementation under test
 * runs on it. {@link ExecutorContractLoop} serves real executors; the simulator has one that lets
 * simulated time pass.
 */
public interface ContractLoop {
  /** Runs {@code action} on the loop and waits for its end; what it throws comes out here. */
  void run(Runnable action);

  /** Runs {@code question} on the loop and returns its answer. */
  <T> T ask(Supplier<T> question);

  /**
   * Starts {@code operation} on the loop and waits, with a bound, until its stage has completed.
   */
  <T> T complete(Supplier<? extends CompletionStage<T>> operation);

  /**
   * Lets time pass until {@code condition}, evaluated on the loop, holds.
   *
   * @param what what is waited for, for the message
   * @throws AssertionError if it does not hold within the bound of the implementation (real time:
   *     some seconds)
   */
  void until(String what, BooleanSupplier condition);
}
