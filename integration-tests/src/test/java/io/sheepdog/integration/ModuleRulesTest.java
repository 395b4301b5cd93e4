package io.sheepdog.integration;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * What the modules may use of each other and of the outside, where Maven's dependencies cannot say.
 */
@AnalyzeClasses(packages = "io.sheepdog", importOptions = DoNotIncludeTests.class)
final class ModuleRulesTest {

  @ArchTest
  static final ArchRule jnaOnlyInNativeBindings =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sheepdog.nativebindings..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.sun.jna..");

  @ArchTest
  static final ArchRule loggingOnlyInTheDaemon =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sheepdog.daemon..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.slf4j..", "ch.qos.logback..", "java.util.logging..");

  @ArchTest
  static final ArchRule protocolKnowsBuffersButNoChannels =
      noClasses()
          .that()
          .resideInAPackage("io.sheepdog.protocol..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.netty.channel..", "io.netty.handler..", "io.netty.bootstrap..");
}
