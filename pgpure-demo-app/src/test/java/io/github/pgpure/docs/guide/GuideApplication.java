package io.github.pgpure.docs.guide;

import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Holds together what docs/spring-boot.md shows. */
@SpringBootApplication
class GuideApplication {}
