package io.sheepdog.daemon.absence;

import io.sheepdog.daemon.net.RequestHandler;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers before the node is a member. Requests of clients and of other daemons wait, within the
 * bounds of the server, and are handed to the node when it is one; administrators hear at once that
 * it is none, and why.
 */
public final class EarlyRequests implements RequestHandler {
  private final Absence absence;
  private final Runnable kill;
  private final Set<EarlySession> sessions = new LinkedHashSet<>();
  private @Nullable RequestHandler node;

  /**
   * @param absence knows why the node is no member
   * @param kill ends the process, for {@code node kill}
   */
  public EarlyRequests(Absence absence, Runnable kill) {
    this.absence = absence;
    this.kill = kill;
  }

  @Override
  public Session open(String clientAddress) {
    RequestHandler member = node;
    if (member != null) {
      return member.open(clientAddress);
    }
    EarlySession session = new EarlySession(clientAddress, absence, kill, sessions::remove);
    sessions.add(session);
    return session;
  }

  /** Whether the node answers. */
  public boolean handedOver() {
    return node != null;
  }

  /**
   * The node is a member. It gets all sessions first, because it wants to know of silent
   * connections too, and then what waits in them.
   */
  public void handOver(RequestHandler member) {
    node = member;
    List<EarlySession> all = List.copyOf(sessions);
    sessions.clear();
    all.forEach(session -> session.open(member));
    all.forEach(EarlySession::carryOut);
  }
}
