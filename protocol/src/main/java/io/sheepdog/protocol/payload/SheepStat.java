package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.WireText;

/**
 * Request counters of a node, the answer to STAT: {@value #SIZE} bytes, one u64 for each component
 * in this order.
 *
 * @param gatewayActive gateway requests in flight
 * @param peerActive peer requests in flight
 * @param gatewayTotal gateway requests so far
 * @param peerTotal peer requests so far
 * @param gatewayReceived bytes received from clients
 * @param gatewaySent bytes sent to clients
 * @param peerReceived bytes received from other nodes
 * @param peerSent bytes sent to other nodes
 * @param gatewayRemoves removals by clients
 * @param gatewayReads reads by clients
 * @param gatewayWrites writes by clients
 * @param gatewayFlushes flushes by clients
 * @param peerRemoves removals by other nodes
 * @param peerReads reads by other nodes
 * @param peerWrites writes by other nodes
 */
public record SheepStat(
    long gatewayActive,
    long peerActive,
    long gatewayTotal,
    long peerTotal,
    long gatewayReceived,
    long gatewaySent,
    long peerReceived,
    long peerSent,
    long gatewayRemoves,
    long gatewayReads,
    long gatewayWrites,
    long gatewayFlushes,
    long peerRemoves,
    long peerReads,
    long peerWrites) {
  /** Bytes of the structure. */
  public static final int SIZE = 120;

  /**
   * Reads {@value #SIZE} bytes.
   *
   * @throws io.sheepdog.protocol.ProtocolException if there are fewer
   */
  public static SheepStat decode(ByteBuf in) {
    WireText.require(in, SIZE, "Node statistics");
    return new SheepStat(
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE(),
        in.readLongLE());
  }

  /** Appends {@value #SIZE} bytes. */
  public void encode(ByteBuf out) {
    out.writeLongLE(gatewayActive);
    out.writeLongLE(peerActive);
    out.writeLongLE(gatewayTotal);
    out.writeLongLE(peerTotal);
    out.writeLongLE(gatewayReceived);
    out.writeLongLE(gatewaySent);
    out.writeLongLE(peerReceived);
    out.writeLongLE(peerSent);
    out.writeLongLE(gatewayRemoves);
    out.writeLongLE(gatewayReads);
    out.writeLongLE(gatewayWrites);
    out.writeLongLE(gatewayFlushes);
    out.writeLongLE(peerRemoves);
    out.writeLongLE(peerReads);
    out.writeLongLE(peerWrites);
  }
}
