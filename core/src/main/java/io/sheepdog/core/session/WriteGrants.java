package io.sheepdog.core.session;

import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletionStage;

/** Decides who may write (P4, R12). */
public interface WriteGrants {
  /**
   * May this session write to that VDI now? A holder gets a completed stage; an unattached session
   * takes a free lock, which is an ordered event, or is refused with VDI_LOCKED.
   *
   * @param vid the vid that the client names: the head, or an earlier vid of its lineage
   * @param kind what is written; the VM state of a running machine comes on a connection of its own
   */
  CompletionStage<Grant> authorize(ClientSession session, VdiId vid, ObjectKind kind);

  /**
   * Whether the VDI is locked by a client of this node at the session's address, and the session is
   * not (yet) a connection that writes under that lock.
   */
  boolean isBesideTheHolder(ClientSession session, VdiId vid);

  /**
   * The session read from that VDI: a silent connection of the lock's client shows which one it is.
   */
  void noteUse(ClientSession session, VdiId vid);
}
