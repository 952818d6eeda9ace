package io.github.pgpure.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The dashboard asks for series and labels that an application has. */
class GrafanaDashboardIT {

    @Test
    void everySeriesAndLabelOfTheDashboardIsThere() throws IOException {
        String dashboard = Files.readString(Path.of("..", "docs", "grafana", "pgpure.json"));
        String scraped = scrape();

        Set<String> series = find("\\b(?:pgpure|db_client)_[a-z_]+", dashboard);
        assertThat(series).hasSizeGreaterThan(8);
        assertThat(series).allSatisfy(name -> assertThat(scraped).containsPattern("(?m)^" + name + "\\{"));
        Set<String> labels = find("\\bdb_(?:query|response)_[a-z_]+", dashboard);
        assertThat(labels).isNotEmpty();
        assertThat(labels).allSatisfy(name -> assertThat(scraped).contains(name + "=\""));
        assertThat(scraped).contains("pool=\"pgpure\"");
    }

    private static String scrape() {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ObservationRegistry observations = ObservationRegistry.create();
        observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(registry));
        try (PgPool pool = PgPool.open(
                PgConnectOptions.parse(PostgresServer.shared().uri()),
                PgPoolOptions.builder().maxConnections(1).build())) {
            new PgPoolMetrics(pool).bindTo(registry);
            new PgPoolOtelMetrics(pool).bindTo(registry);
            var template = new PgTemplate(pool);
            template.setObservation(observations, null);
            template.execute("select 1");
            return registry.scrape();
        }
    }

    private static Set<String> find(String pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }
}
