package io.sheepdog.integration.golden;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What we answer differently from the recorded daemon on purpose, and which promise asks for it.
 */
final class KnownDifferences {

  /**
   * One of them. All but the reason are patterns that must match as a whole.
   *
   * @param flow name of the recording
   * @param operation name of the operation
   * @param field name of the field
   * @param upstream the recorded value
   * @param ours our value
   * @param reason the promise or rule that asks for it
   */
  private record Known(
      Pattern flow,
      Pattern operation,
      Pattern field,
      Pattern upstream,
      Pattern ours,
      String reason) {

    boolean explains(Difference difference) {
      return flow.matcher(difference.flow()).matches()
          && operation.matcher(difference.operation()).matches()
          && field.matcher(difference.field()).matches()
          && upstream.matcher(difference.upstream()).matches()
          && ours.matcher(difference.ours()).matches();
    }

    @Override
    public String toString() {
      return "%s %s %s: recorded %s, ours %s (%s)"
          .formatted(flow, operation, field, upstream, ours, reason);
    }
  }

  private static final String ANY = ".*";
  private static final String PRESENT = "0x[1-9a-f].*";
  private static final String ZERO = "0x0";

  private final List<Known> list =
      List.of(
          known(
              ANY,
              "FLUSH_VDI",
              "result",
              "0x5",
              ZERO,
              "P1: FLUSH makes acknowledged writes durable and says so"),
          known(
              ANY,
              "GET_NODE_LIST|STAT_CLUSTER|CLUSTER_INFO",
              ".*\\.zone",
              "0x[012]",
              "0x[0-9a-f]+",
              "the local driver tells zones of one host apart by their ports; the recorded daemons"
                  + " were given theirs"),
          known(
              ".node-qemu-create-exists",
              "NEW_VDI",
              "vdi_id|copies|block_size_shift",
              PRESENT,
              ZERO,
              "a refusal names no image; upstream leaves what was in its memory"),
          known(
              ".node-lock-conflict-none",
              "LOCK_VDI",
              "result",
              ZERO,
              "0x7",
              "P4: locking is on by default"),
          known(
              ".node-lock-conflict-none|3node-locked-conflict",
              "LOCK_VDI",
              "vdi_id|copies|block_size_shift",
              PRESENT,
              ZERO,
              "a refusal names no image"),
          known(
              ".node-dog-clone|.node-dog-rollback|.node-dog-snapshot-delete",
              "READ_OBJ",
              "gref\\[\\d+]\\.(generation|count)",
              PRESENT,
              ZERO,
              "reclamation is derived from the indexes, never counted"),
          known(
              ".node-vdi-tree|.node-dog-vdi-list-many",
              "READ_DEL_VDIS",
              "bits@516674",
              "0x80",
              ZERO,
              "R13: upstream marked the working image deleted when QEMU wrote to a snapshot; that"
                  + " flow is not part of this history"),
          known(
              ".node-" + Flows.BRANCH,
              "NEW_VDI",
              "result",
              "0x4",
              ZERO,
              "R13: the deletion before it made room for the new head"),
          known(
              ".node-" + Flows.BRANCH,
              "NEW_VDI",
              "vdi_id",
              ANY,
              "0x3f1218",
              "R13: the deletion before it made room for the new head"),
          known(
              ".node-qemu-snapshot-delete",
              "READ_OBJ",
              "tag|create_time|snap_ctime|nr_copies|block_size_shift|snap_id|vdi_id|parent_vdi_id",
              ANY,
              "|0x0",
              "R15: an empty header is read from a deleted image"),
          known(
              ".node-open-uri|.node-lock-conflict-none",
              "READ_OBJ",
              "index\\[\\d+]\\.vid",
              ZERO,
              PRESENT,
              "P3: QEMU has cleared the index of the working image before it deleted a snapshot; the"
                  + " image keeps its data"),
          known(
              "3node-cluster-format-locked",
              ANY,
              "epoch|epoch\\[0]\\.epoch",
              "0x3",
              "0x1",
              "the recordings in which a node was lost and came back are not replayed"));
  private final Set<Known> seen = new LinkedHashSet<>();

  private static Known known(
      String flow, String operation, String field, String upstream, String ours, String reason) {
    return new Known(
        Pattern.compile(flow),
        Pattern.compile(operation),
        Pattern.compile(field),
        Pattern.compile(upstream),
        Pattern.compile(ours),
        reason);
  }

  /** Whether a difference is meant to be; notes that it appeared. */
  boolean explain(Difference difference) {
    for (Known known : list) {
      if (known.explains(difference)) {
        seen.add(known);
        return true;
      }
    }
    return false;
  }

  /** Those that have not appeared. */
  List<String> unseen() {
    List<Known> unseen = new ArrayList<>(list);
    unseen.removeAll(seen);
    return unseen.stream().map(Known::toString).toList();
  }
}
