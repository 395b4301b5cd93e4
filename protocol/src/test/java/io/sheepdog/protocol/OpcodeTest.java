package io.sheepdog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class OpcodeTest {
  @Test
  void everyCodeLeadsBackToItsOperation() {
    Set<Integer> codes = new TreeSet<>();
    for (Opcode opcode : Opcode.values()) {
      assertThat(Opcode.fromCode(opcode.code())).isSameAs(opcode);
      codes.add(opcode.code());
    }
    assertThat(codes).hasSize(Opcode.values().length);
  }

  @Test
  void unknownCodesHaveNoOperation() {
    assertThat(
            List.of(
                -1, 0, 0x06, 0x19, 0x81, 0x91, 0x92, 0x93, 0xad, 0xae, 0xb6, 0xc3, 0xff, 0x100,
                0x1fe))
        .allSatisfy(code -> assertThat(Opcode.fromCode(code)).isNull());
  }

  @Test
  void theseOperationsAreServedWhileTheClusterWaits() {
    Set<Integer> published =
        Set.of(
            0x15, 0x18, 0x82, 0x84, 0x85, 0x87, 0x8a, 0x90, 0x94, 0x95, 0x96, 0x99, 0x9a, 0x9b,
            0x9c, 0xab, 0xac, 0xaf, 0xb9, 0xba, 0xbd, 0xbe, 0xc6, 0xc9, 0xca, 0xcb);
    for (Opcode opcode : Opcode.values()) {
      if (!opcode.isOurs()) {
        assertThat(opcode.isForce()).as(opcode.name()).isEqualTo(published.contains(opcode.code()));
      }
    }
  }

  @Test
  void ioBetweenOurDaemonsNeedsARunningCluster() {
    for (Opcode opcode :
        EnumSet.of(
            Opcode.PEER_READ,
            Opcode.PEER_WRITE,
            Opcode.PEER_CREATE,
            Opcode.PEER_REMOVE,
            Opcode.PEER_SYNC,
            Opcode.PEER_DRAIN,
            Opcode.PEER_TORN,
            Opcode.PEER_REPAIR,
            Opcode.PEER_DIGEST,
            Opcode.PEER_REPAIR_SOON,
            Opcode.PEER_CLEAN,
            Opcode.PEER_PIECE,
            Opcode.PEER_PATCH,
            Opcode.PEER_CHANGES,
            Opcode.PEER_COMPARE,
            Opcode.PEER_COPY,
            Opcode.PEER_USAGE)) {
      assertThat(opcode.isForce()).as(opcode.name()).isFalse();
    }
    for (Opcode opcode :
        EnumSet.of(Opcode.PEER_STATE, Opcode.PEER_LIST, Opcode.PEER_CONFIRM, Opcode.PEER_FETCH)) {
      assertThat(opcode.isForce()).as(opcode.name()).isTrue();
    }
  }

  @Test
  void ourOperationsActOnTheLocalStoreOfAPeer() {
    for (Opcode opcode : Opcode.values()) {
      assertThat(opcode.isOurs()).as(opcode.name()).isEqualTo(opcode.code() >= 0xe0);
      if (opcode.isOurs()) {
        boolean forTools =
            EnumSet.of(Opcode.NODE_STATUS, Opcode.NODE_NBD, Opcode.VDI_LOCKS, Opcode.VDI_USAGE)
                .contains(opcode);
        assertThat(opcode.operationClass())
            .isEqualTo(forTools ? OperationClass.LOCAL : OperationClass.PEER);
        assertThat(opcode.code()).isLessThanOrEqualTo(0xff);
        assertThat(opcode.protocolVersion()).isEqualTo(0x0a);
      }
    }
  }

  @Test
  void publicOperationsAcceptOldVersionsAndInternalOnesOnlyTheirs() {
    assertThat(List.of(0, 1, 2)).allMatch(version -> ProtocolVersion.accepts(0x02, version));
    assertThat(List.of(3, 0x0a, 255)).noneMatch(version -> ProtocolVersion.accepts(0x7f, version));
    assertThat(ProtocolVersion.accepts(0x80, 0x0a)).isTrue();
    assertThat(List.of(0, 1, 2, 9, 0x0b))
        .noneMatch(version -> ProtocolVersion.accepts(0x80, version));
  }

  @Test
  void classesAreThoseOfTheProtocol() {
    assertThat(Opcode.NEW_VDI.operationClass()).isEqualTo(OperationClass.CLUSTER);
    assertThat(Opcode.READ_VDIS.operationClass()).isEqualTo(OperationClass.LOCAL);
    assertThat(Opcode.WRITE_OBJ.operationClass()).isEqualTo(OperationClass.GATEWAY);
    assertThat(Opcode.WRITE_PEER.operationClass()).isEqualTo(OperationClass.PEER);
  }
}
