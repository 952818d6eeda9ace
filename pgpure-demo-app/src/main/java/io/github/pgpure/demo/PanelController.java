package io.github.pgpure.demo;

import io.github.pgpure.pool.PgPool;
import io.github.pgpure.pool.PoolStats;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What the page shows beside the seats: the pool, a report that can be cancelled, simulated clients. */
@RestController
@RequestMapping("/api")
class PanelController {

    private final PgPool pool;
    private final Reports reports;
    private final Rehearsal rehearsal;

    PanelController(PgPool pool, Reports reports, Rehearsal rehearsal) {
        this.pool = pool;
        this.reports = reports;
        this.rehearsal = rehearsal;
    }

    @GetMapping("/pool")
    PoolStats pool() {
        return pool.stats();
    }

    record Work(@Min(0) @Max(120) int workSeconds) {}

    @PostMapping("/reports")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Reports.Progress start(@Valid @RequestBody Work work) {
        return reports.start(Duration.ofSeconds(work.workSeconds()));
    }

    @GetMapping("/reports/{id}")
    Reports.Progress progress(@PathVariable UUID id) {
        return reports.progress(id);
    }

    @DeleteMapping("/reports/{id}")
    Reports.Progress cancel(@PathVariable UUID id) {
        return reports.cancel(id);
    }

    record Load(@Min(0) @Max(Rehearsal.MAX_CLIENTS) int clients) {}

    @GetMapping("/load")
    Rehearsal.Score load() {
        return rehearsal.score();
    }

    @PutMapping("/load")
    Rehearsal.Score load(@Valid @RequestBody Load load) {
        return rehearsal.start(load.clients());
    }
}
