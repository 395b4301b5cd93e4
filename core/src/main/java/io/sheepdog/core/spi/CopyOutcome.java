package io.sheepdog.core.spi;

/**
 * Result of {@link ObjectStore#copy}.
 *
 * @param status how it ended; NO_OBJECT and DAMAGED say that of the source
 * @param sum of what was copied, if it was asked for and the status is OK, else 0
 */
public record CopyOutcome(StoreStatus status, long sum) {
  /** One that has made nothing. */
  public static CopyOutcome failed(StoreStatus status) {
    return new CopyOutcome(status, 0);
  }
}
