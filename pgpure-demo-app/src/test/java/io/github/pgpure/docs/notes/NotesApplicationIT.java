package io.github.pgpure.docs.notes;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.test.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The application of docs/getting-started.md. */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class NotesApplicationIT {

    @Test
    void storesAndReadsARecordInATransaction(CapturedOutput output) {
        PostgresServer server = PostgresServer.shared();
        String database = server.createDatabase("notes_it");
        new SpringApplicationBuilder(NotesApplication.class)
                .web(WebApplicationType.NONE)
                .run("--pgpure.url=" + server.uri(database))
                .close();
        server.dropDatabase(database);
        assertThat(output)
                .contains(
                        "Note[id=1, text=Hello, mood=CURIOUS, tags=[first, short], weather=Weather[sky=clear, celsius=21]]");
    }
}
