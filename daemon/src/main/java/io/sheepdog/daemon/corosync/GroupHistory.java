package io.sheepdog.daemon.corosync;

import io.sheepdog.nativebindings.cpg.CpgChange;
import io.sheepdog.nativebindings.cpg.CpgProcess;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The one history of a group, as each member sees it from its own entry on: the same entries,
 * departures and messages in the same order everywhere, and members listed oldest first.
 *
 * <p>A process enters by its greeting. Whoever knew the members when a greeting was delivered
 * answers with a roster, the first of which counts; the newcomer keeps what is delivered meanwhile.
 * Who joined a group in which nobody was knows the members from the start; so does, before its own
 * greeting is delivered, one whose predecessors have all gone, for it has seen the greetings of all
 * others. That one does not know what to answer to greetings from before, and tells their senders
 * to greet again. A newcomer whose predecessors all died before they answered greets again too.
 */
final class GroupHistory {
  /** Bytes of messages that are kept while a roster is awaited. */
  static final long MAX_KEPT_BYTES = 64 << 20;

  private final Output output;
  private final LongSupplier nonces;

  private Phase phase = Phase.OUTSIDE;
  private @Nullable CpgProcess self;
  private long nonce;

  /** Whether {@link #members} is complete. */
  private boolean knows;

  /** Those that were in the group before this process and still are. */
  private final Set<CpgProcess> predecessors = new HashSet<>();

  /** Those whose greetings were delivered here, or are on the roster; oldest first. */
  private final Set<CpgProcess> members = new LinkedHashSet<>();

  /** Greetings without a known answer. */
  private final Map<CpgProcess, Long> unanswered = new LinkedHashMap<>();

  private final Deque<Event> kept = new ArrayDeque<>();
  private long keptBytes;

  private enum Phase {
    OUTSIDE,
    /** Joined; the greeting is on its way. */
    GREETING,
    /** The greeting was delivered; a roster is awaited. */
    WAITING,
    MEMBER
  }

  /** Something that happened after the own greeting. */
  private sealed interface Event {
    record Entered(CpgProcess process, long nonce) implements Event {}

    record Gone(List<CpgChange> left) implements Event {}

    record Message(CpgProcess sender, byte[] payload) implements Event {}
  }

  /** Where the history goes, and what it asks the group for. */
  interface Output {
    void send(GroupMessage message);

    /** Leave the group and join it again. */
    void rejoin();

    /** Nobody who could tell who the members are has answered within the bounds. */
    void overrun();

    /**
     * Somebody became a member; the first is this process itself.
     *
     * @param members oldest first
     */
    void entered(List<CpgProcess> members, CpgProcess process);

    /**
     * Processes left the group; some may never have been members.
     *
     * @param members the rest, oldest first
     */
    void gone(List<CpgProcess> members, List<CpgChange> left);

    void message(CpgProcess sender, byte[] payload);
  }

  GroupHistory(Output output, LongSupplier nonces) {
    this.output = output;
    this.nonces = nonces;
  }

  boolean isMember() {
    return phase == Phase.MEMBER;
  }

  /** Those that have not answered yet; for the log. */
  Set<CpgProcess> predecessors() {
    return Set.copyOf(predecessors);
  }

  /** This process is in the group, and these were there before it. */
  void joined(CpgProcess newSelf, List<CpgProcess> others) {
    reset();
    self = newSelf;
    predecessors.addAll(others);
    knows = predecessors.isEmpty();
    nonce = nonces.getAsLong();
    phase = Phase.GREETING;
    output.send(new GroupMessage.Hello(nonce));
  }

  private void reset() {
    phase = Phase.OUTSIDE;
    knows = false;
    predecessors.clear();
    members.clear();
    unanswered.clear();
    kept.clear();
    keptBytes = 0;
  }

  /** Greets once more, as if it had never been here. */
  void again() {
    reset();
    output.rejoin();
  }

  /** Others left the group. */
  void left(List<CpgChange> left) {
    if (phase == Phase.OUTSIDE) {
      return;
    }
    for (CpgChange change : left) {
      predecessors.remove(change.process());
      unanswered.remove(change.process());
    }
    if (!knows && predecessors.isEmpty()) {
      if (phase == Phase.WAITING) {
        again();
        return;
      }
      left.forEach(change -> members.remove(change.process()));
      knows = true;
      tellUnansweredToGreetAgain();
      return;
    }
    happen(new Event.Gone(left));
  }

  private void tellUnansweredToGreetAgain() {
    unanswered.values().forEach(greeting -> output.send(new GroupMessage.Again(greeting)));
    unanswered.clear();
  }

  /** A message was delivered. */
  void delivered(CpgProcess sender, GroupMessage message) {
    if (phase == Phase.OUTSIDE) {
      return;
    }
    if (message instanceof GroupMessage.Hello hello) {
      greeted(sender, hello.nonce());
    } else if (message instanceof GroupMessage.Payload payload) {
      happen(new Event.Message(sender, payload.payload()));
    } else if (message instanceof GroupMessage.Roster roster) {
      answered(roster.nonce());
      if (phase == Phase.WAITING && roster.nonce() == nonce) {
        learn(roster.members());
      }
    } else if (message instanceof GroupMessage.Again again) {
      answered(again.nonce());
      if (phase == Phase.WAITING && again.nonce() == nonce) {
        again();
      }
    }
  }

  private void answered(long greeting) {
    unanswered.values().remove(greeting);
  }

  private void greeted(CpgProcess sender, long greeting) {
    if (!sender.equals(self)) {
      happen(new Event.Entered(sender, greeting));
    } else if (greeting == nonce && phase == Phase.GREETING) {
      phase = knows ? Phase.MEMBER : Phase.WAITING;
      if (knows) {
        members.add(sender);
        output.entered(List.copyOf(members), sender);
      }
    }
  }

  /** Before the own entry an event only changes what is known, while waiting it is kept. */
  private void happen(Event event) {
    if (phase == Phase.WAITING) {
      keep(event);
    } else {
      apply(event, true);
    }
  }

  private void keep(Event event) {
    kept.addLast(event);
    if (event instanceof Event.Entered entered) {
      unanswered.put(entered.process(), entered.nonce());
    } else if (event instanceof Event.Message message) {
      keptBytes += message.payload().length;
      if (keptBytes > MAX_KEPT_BYTES) {
        reset();
        output.overrun();
      }
    }
  }

  /**
   * @param answer whether a greeting may still lack an answer
   */
  private void apply(Event event, boolean answer) {
    boolean told = phase == Phase.MEMBER;
    if (event instanceof Event.Entered entered) {
      CpgProcess process = entered.process();
      if (members.contains(process)) {
        return;
      }
      if (!knows) {
        unanswered.put(process, entered.nonce());
      } else if (answer) {
        output.send(new GroupMessage.Roster(entered.nonce(), List.copyOf(members)));
      }
      members.add(process);
      if (told) {
        output.entered(List.copyOf(members), process);
      }
    } else if (event instanceof Event.Gone gone) {
      gone.left().forEach(change -> members.remove(change.process()));
      if (told) {
        output.gone(List.copyOf(members), gone.left());
      }
    } else if (event instanceof Event.Message message
        && told
        && members.contains(message.sender())) {
      output.message(message.sender(), message.payload());
    }
  }

  /** The roster is here: this process enters, and what was kept happens. */
  private void learn(List<CpgProcess> before) {
    CpgProcess entering = self;
    if (entering == null) {
      throw new IllegalStateException("a roster for a process that has not joined");
    }
    Set<Long> open = new HashSet<>(unanswered.values());
    unanswered.clear();
    members.clear();
    members.addAll(before);
    members.add(entering);
    knows = true;
    phase = Phase.MEMBER;
    output.entered(List.copyOf(members), entering);
    keptBytes = 0;
    for (Event event = kept.poll(); event != null; event = kept.poll()) {
      apply(event, event instanceof Event.Entered entered && open.remove(entered.nonce()));
    }
    // Of greetings from before its own, this process does not know who was there.
    open.forEach(greeting -> output.send(new GroupMessage.Again(greeting)));
  }
}
