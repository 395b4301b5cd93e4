package io.sheepdog.core.cluster;

import io.sheepdog.core.lock.LockTable;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiDirectory;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePMap;
import org.pcollections.TreePVector;

/**
 * Everything the nodes agree on, after a given number of events. Immutable.
 *
 * @param sequence number of events applied so far (messages, understood or not, and membership
 *     changes), from the founding on
 * @param status where the cluster is in its life
 * @param startedAt sequence number at which the present gathering of VDI headers began ({@link
 *     ClusterStatus#STARTING}), else 0
 * @param forcedBy while STARTING without all nodes of the newest epoch: {@link ForcedStart#id()},
 *     else 0
 * @param config what format decided, null before
 * @param history known epochs, ascending (some may be missing after a restart); the last one is
 *     current. Empty before format
 * @param members all members that presented themselves and were taken in, by driver id
 * @param refused members of the driver's group that were not taken in, with why
 * @param ready while STARTING: digests of what members have gathered
 * @param directory all vids
 * @param locks all locks
 * @param recovery how far recovery has come
 */
public record ClusterState(
    long sequence,
    ClusterStatus status,
    long startedAt,
    long forcedBy,
    @Nullable ClusterConfig config,
    PVector<EpochRecord> history,
    PMap<MemberId, Member> members,
    PMap<MemberId, ResultCode> refused,
    PMap<MemberId, Long> ready,
    VdiDirectory directory,
    LockTable locks,
    RecoveryState recovery) {

  /** Nothing happened yet, and nothing is known from before. */
  public static final ClusterState INITIAL = founded(null, List.of(), RecoveryMark.NONE);

  /**
   * The state that the first node of a group starts from.
   *
   * @param config configuration in its store, null when never formatted
   * @param epochs epochs in its store, ascending; without any, the store was never formatted to the
   *     end
   * @param recovery how far recovery had come, as its store knows
   */
  public static ClusterState founded(
      @Nullable ClusterConfig config, List<EpochRecord> epochs, RecoveryMark recovery) {
    boolean formatted = config != null && !epochs.isEmpty();
    return new ClusterState(
        0,
        formatted ? ClusterStatus.WAIT_JOIN : ClusterStatus.WAIT_FORMAT,
        0,
        0,
        formatted ? config : null,
        formatted ? TreePVector.from(epochs) : TreePVector.empty(),
        TreePMap.empty(),
        TreePMap.empty(),
        TreePMap.empty(),
        VdiDirectory.EMPTY,
        LockTable.EMPTY,
        formatted ? RecoveryState.of(recovery) : RecoveryState.NONE);
  }

  /** Applies a message. */
  public Transition apply(MemberId sender, ClusterEvent event) {
    Draft draft = new Draft(this);
    Outcome outcome = EventRules.apply(draft, sender, event);
    return new Transition(draft.build(), outcome);
  }

  /** Applies a message that could not be understood: it counts and changes nothing. */
  public Transition applyUnknown() {
    return new Transition(new Draft(this).build(), new Outcome.Refused(ResultCode.INVALID_PARMS));
  }

  /**
   * Applies a membership change of the driver. Who joined must present itself first ({@link
   * ClusterEvent.JoinRequest}), so only departures change anything.
   *
   * @param left who is gone, with how
   */
  public Transition applyMembership(Map<MemberId, Departure> left) {
    Draft draft = new Draft(this);
    Outcome outcome = MemberRules.leave(draft, left);
    return new Transition(draft.build(), outcome);
  }

  /**
   * The same state with what the members have gathered from their stores; for the step from {@link
   * ClusterStatus#STARTING} to {@link ClusterStatus#RUNNING} only, where all have gathered the
   * same.
   *
   * @param gathered all vids
   * @param earlier epochs that anybody knew; those of this state's history win
   */
  public ClusterState withGathered(VdiDirectory gathered, List<EpochRecord> earlier) {
    TreeMap<Epoch, EpochRecord> known = new TreeMap<>();
    earlier.forEach(record -> known.put(record.epoch(), record));
    history.forEach(record -> known.put(record.epoch(), record));
    Member heir = oldest();
    VdiDirectory complete =
        config == null ? gathered : CopiesRules.asChanged(gathered, config.history());
    for (VdiEntry entry : gathered.entries()) {
      if (entry.state() == VdiEntry.State.DELETING && heir != null) {
        complete = complete.beginDeletion(entry.vid(), heir.id());
      }
    }
    return new ClusterState(
        sequence,
        status,
        startedAt,
        forcedBy,
        config,
        TreePVector.from(known.values()),
        members,
        refused,
        ready,
        complete,
        locks,
        recovery);
  }

  /**
   * The nodes of the newest epoch that are not here (R1); means something while the cluster waits.
   */
  public List<EpochNode> missingNodes() {
    EpochRecord newest = newestEpoch();
    if (newest == null) {
      return List.of();
    }
    List<Member> present = syncedMembers();
    return newest.nodes().stream()
        .filter(node -> present.stream().noneMatch(node::isSame))
        .toList();
  }

  /**
   * The newest epoch that began without nodes that were waited for: who is away and was there
   * before it is not waited for any more. ZERO if there is none.
   */
  public Epoch lastForced() {
    return config == null ? Epoch.ZERO : config.lastForced();
  }

  /**
   * How many copies an object has in an epoch that is not older than the newest complete one; 0
   * when nobody can say.
   */
  public int copiesIn(ObjectId oid, Epoch epoch) {
    VdiEntry entry = oid.kind() == ObjectKind.ATTRIBUTE ? null : directory.entry(oid.vid());
    return config == null ? 0 : CopiesRules.copiesOf(oid.vid(), entry, config, epoch);
  }

  /** Current epoch, ZERO before format. */
  public Epoch epoch() {
    EpochRecord newest = newestEpoch();
    return newest == null ? Epoch.ZERO : newest.epoch();
  }

  /** The current epoch's record, null before format. */
  public @Nullable EpochRecord newestEpoch() {
    return history.isEmpty() ? null : history.get(history.size() - 1);
  }

  /** Whether a member other than the one at that address holds objects in the newest epoch. */
  public boolean isStoredElsewhere(NodeAddress self) {
    EpochRecord newest = newestEpoch();
    return newest != null
        && newest.nodes().stream()
            .filter(node -> node.node().vnodes() > 0 && !node.node().address().equals(self))
            .anyMatch(node -> members.values().stream().anyMatch(node::isSame));
  }

  /** The record of an epoch, null if it is not known. */
  public @Nullable EpochRecord epochRecord(Epoch epoch) {
    for (int i = history.size() - 1; i >= 0 && history.get(i).epoch().compareTo(epoch) >= 0; i--) {
      if (history.get(i).epoch().equals(epoch)) {
        return history.get(i);
      }
    }
    return null;
  }

  /**
   * The members that count, by address, with the number of vnodes that they have: in the current
   * epoch, or while there is none the number that they would have.
   */
  public List<EpochNode> presentNodes() {
    EpochRecord newest = newestEpoch();
    return status == ClusterStatus.RUNNING && newest != null
        ? newest.nodes()
        : EpochRules.nodes(this);
  }

  /** Members that have the state, oldest first: those that count. */
  public List<Member> syncedMembers() {
    return members.values().stream()
        .filter(Member::synced)
        .sorted(Comparator.comparingLong(Member::joinedAt))
        .toList();
  }

  /** The synced member that joined first, null if there is none. */
  public @Nullable Member oldest() {
    List<Member> synced = syncedMembers();
    return synced.isEmpty() ? null : synced.get(0);
  }
}
