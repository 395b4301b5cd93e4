package io.sheepdog.nativebindings.libc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WaiterTest {
  @Test
  void wakeFromAnotherThreadEndsTheWait() throws Exception {
    try (Waiter waiter = new Waiter()) {
      CompletableFuture<Void> waker = CompletableFuture.runAsync(waiter::wake);
      assertThat(waiter.await(List.of(), -1)).isEmpty();
      waker.get();
    }
  }

  @Test
  void wakeBeforeTheWaitIsNotLostAndCountsOnce() throws IOException {
    try (Waiter waiter = new Waiter()) {
      waiter.wake();
      waiter.wake();
      waiter.await(List.of(), -1);
      long start = System.nanoTime();
      assertThat(waiter.await(List.of(), 50)).isEmpty();
      assertThat(System.nanoTime() - start).isGreaterThan(40_000_000L);
    }
  }

  @Test
  void descriptorThatIsNotOpenEndsTheWaitAndIsNamed() throws IOException {
    try (Waiter waiter = new Waiter()) {
      int notOpen = 1_000_000;
      assertThat(waiter.await(List.of(notOpen), -1)).containsExactly(notOpen);
    }
  }

  @Test
  void tooManyDescriptorsAreRefused() throws IOException {
    try (Waiter waiter = new Waiter()) {
      assertThatThrownBy(() -> waiter.await(Collections.nCopies(17, 0), 0))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void wakeAfterTheEndDoesNothing() throws IOException {
    Waiter waiter = new Waiter();
    waiter.close();
    waiter.wake();
    waiter.close();
  }
}
