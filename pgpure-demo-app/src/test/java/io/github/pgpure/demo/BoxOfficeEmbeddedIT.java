package io.github.pgpure.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The box office as a fresh clone runs it: nobody names a server, so it starts its own. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class BoxOfficeEmbeddedIT {

    @Test
    void startsItsOwnServerAndSaysSo(CapturedOutput output) {
        try (ConfigurableApplicationContext context =
                SpringApplication.run(BoxOfficeApplication.class, "--server.port=0")) {
            assertThat(output).containsOnlyOnce("postgresql://");
            assertThat(context.getBean(BoxOffice.class).shows()).hasSize(4);
            RunningBoxOffice.client(context)
                    .get()
                    .uri("/actuator/health")
                    .exchange()
                    .expectStatus()
                    .isOk();
        }
    }
}
