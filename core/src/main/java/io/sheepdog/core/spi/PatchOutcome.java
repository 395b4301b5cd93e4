package io.sheepdog.core.spi;

/**
 * Result of {@link ObjectStore#patch}.
 *
 * @param status how it ended
 * @param version of the object now, when OK; else 0
 */
public record PatchOutcome(StoreStatus status, long version) {
  /** One that has changed nothing, or nobody knows what. */
  public static PatchOutcome failed(StoreStatus status) {
    return new PatchOutcome(status, 0);
  }
}
