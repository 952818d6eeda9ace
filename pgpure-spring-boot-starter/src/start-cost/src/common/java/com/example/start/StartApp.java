package com.example.start;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts, asks its one question, says what that took, and ends. */
@SpringBootApplication
public class StartApp {

    public static void main(String[] args) {
        int status = 1;
        try {
            var context = SpringApplication.run(StartApp.class, args);
            int answer = context.getBean(Question.class).answer();
            long cpuMillis = ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .map(Duration::toMillis)
                    .orElse(-1L);
            long classes = ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount();
            System.out.println("READY " + answer + " cpu-millis " + cpuMillis + " classes " + classes);
            status = 0;
        } finally {
            System.exit(status); // the web server's threads would go on
        }
    }
}
