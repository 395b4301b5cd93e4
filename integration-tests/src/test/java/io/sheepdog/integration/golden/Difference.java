package io.sheepdog.integration.golden;

import io.sheepdog.protocol.testdata.TraceEvent;

/**
 * One field of one reply that is not as recorded.
 *
 * @param flow name of the recording
 * @param sequence line of the recorded reply
 * @param operation name of the operation
 * @param field name of the field
 * @param upstream what was recorded, as a number if the field is one, else in hexadecimal digits
 * @param ours what our daemon answered
 */
record Difference(
    String flow, int sequence, String operation, String field, String upstream, String ours) {

  static Difference of(TraceEvent reply, String field, String upstream, String ours) {
    return new Difference(
        reply.trace(), reply.sequence(), reply.operation(), field, upstream, ours);
  }

  @Override
  public String toString() {
    return "%s:%d %s %s: recorded %s, ours %s"
        .formatted(flow, sequence, operation, field, upstream, ours);
  }
}
