package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.spring.PgTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Configuration;

/** A server that Docker Compose really starts and stops with the application. */
@EnabledIf(
        value = "composeAnswers",
        disabledReason =
                "needs Docker Compose and a Docker engine that answers ('docker compose ls' failed, see above); what comes after "
                        + "the engine's answers, PgDockerComposeTests show without it")
class PgDockerComposeIT {

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration(PgPureAutoConfiguration.class)
    static class Application {}

    @Test
    void theServiceOfTheComposeFileIsTheServer(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("compose.yaml"), """
                services:
                  database:
                    image: postgres:18
                    environment:
                      POSTGRES_USER: ada
                      POSTGRES_PASSWORD: lovelace
                      POSTGRES_DB: shop
                    ports:
                      - "5432"
                """);

        try (var context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.docker.compose.file=" + file,
                        "--spring.docker.compose.skip.in-tests=false",
                        "--spring.docker.compose.stop.command=down")) {
            Row row = context.getBean(PgTemplate.class).fetchOne("select current_user, current_database()");
            assertThat(row.getString(0)).isEqualTo("ada");
            assertThat(row.getString(1)).isEqualTo("shop");
        }
    }

    static boolean composeAnswers() throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder("docker", "compose", "ls")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            System.out.println("PgDockerComposeIT is skipped: " + e.getMessage());
            return false;
        }
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(20, TimeUnit.SECONDS);
            if (ended && process.exitValue() == 0) {
                return true;
            }
            String said = ended ? new String(process.getInputStream().readAllBytes()).strip() : "no answer";
            System.out.println("PgDockerComposeIT is skipped: " + said);
            return false;
        } finally {
            process.destroyForcibly();
        }
    }
}
