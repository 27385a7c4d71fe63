# Every metric of every window, in base R: expected/windows-r.csv.
#
# The definitions are written out with mean, sd, cov, var, cor, prod and cummax, so that they
# can be read beside the metric's own; performance-analytics.R compares them with the package.
# R keeps sums, means and products in long double and takes deviations in two passes.

options(warn = 2, stringsAsFactors = FALSE)

WINDOWS <- c("THIRTY_DAYS", "SIXTY_DAYS", "NINETY_DAYS", "ONE_YEAR")
WITH_VALUES <- c("THIRTY_DAYS", "SIXTY_DAYS")
WITH_BENCHMARK <- "ONE_YEAR"
WITH_REPORTED <- "ONE_YEAR"

# --- the series -----------------------------------------------------------------------------

# One row a day. Of a day's pricing packs the one recorded last counts, with its nulls.
read_series <- function(case) {
  rows <- read.csv(file.path("input", paste0(case, ".csv")), na.strings = "", colClasses = "character")
  rows <- rows[!duplicated(rows$asof_date, fromLast = TRUE), ]
  data.frame(
    day = as.Date(rows$asof_date),
    r = as.numeric(rows$twr_1d), v = as.numeric(rows$portfolio_value_base), b = as.numeric(rows$benchmark_twr_1d),
    beta = as.numeric(rows$beta_1y), alpha = as.numeric(rows$alpha_1y), te = as.numeric(rows$tracking_error_1y)
  )[order(rows$asof_date), ]
}

# The same day some years before, 29 February going to 28 February (POSIXlt would roll on to 1 March).
years_before <- function(day, years) {
  parts <- as.POSIXlt(day, tz = "UTC")
  if (parts$mon == 1 && parts$mday == 29) parts$mday <- 28L
  parts$year <- parts$year - as.integer(years)
  as.Date(parts)
}

# First calendar day of (as_of - W, as_of].
window_start <- function(window, as_of) {
  1 + switch(window,
    THIRTY_DAYS = as_of - 30, SIXTY_DAYS = as_of - 60, NINETY_DAYS = as_of - 90, ONE_YEAR = years_before(as_of, 1)
  )
}

# --- the metrics ----------------------------------------------------------------------------

# A deviation that is only the residue of rounding is 0.
deviation <- function(x, scale = x) {
  s <- sd(x)
  if (all(scale == scale[1]) || s <= 1e-14 * max(abs(scale))) 0 else s
}

# `a` is how many rows make a year.
return_metrics <- function(r, rf, a) {
  n <- length(r)
  m <- list(
    AVERAGE_RETURN = NA, CUMULATIVE_RETURN = NA, RETURN_STANDARD_DEVIATION = NA, VOLATILITY = NA, SHARPE_RATIO = NA,
    SORTINO_RATIO = NA, DOWNSIDE_DEVIATION = NA, MAX_DRAWDOWN = NA, CURRENT_DRAWDOWN = NA, CALMAR_RATIO = NA,
    SHARPE_STANDARD_ERROR = NA
  )
  if (n >= 1) {
    m$AVERAGE_RETURN <- mean(r)
    m$CUMULATIVE_RETURN <- prod(1 + r) - 1
    m$DOWNSIDE_DEVIATION <- sqrt(sum(pmin(r - rf, 0)^2) / n) * sqrt(a)
    if (m$DOWNSIDE_DEVIATION > 0) m$SORTINO_RATIO <- (mean(r) - rf) * a / m$DOWNSIDE_DEVIATION
    index <- c(1, cumprod(1 + r))
    drawdown <- index / cummax(index) - 1
    m$MAX_DRAWDOWN <- min(drawdown)
    m$CURRENT_DRAWDOWN <- drawdown[n + 1]
    growth <- prod(1 + r)
    if (m$MAX_DRAWDOWN < 0 && growth >= 0) m$CALMAR_RATIO <- (growth^(a / n) - 1) / -m$MAX_DRAWDOWN
  }
  if (n >= 2) {
    s <- deviation(r)
    m$RETURN_STANDARD_DEVIATION <- s
    m$VOLATILITY <- s * sqrt(a)
    if (s > 0) {
      q <- (mean(r) - rf) / s
      m$SHARPE_RATIO <- q * sqrt(a)
      m$SHARPE_STANDARD_ERROR <- sqrt((1 + q^2 / 2) / n) * sqrt(a)
    }
  }
  m
}

value_metrics <- function(v) {
  m <- list(PEAK_VALUE = NA, TROUGH_VALUE = NA, DRAWDOWN = NA)
  if (length(v) >= 1) {
    m$PEAK_VALUE <- max(v)
    m$TROUGH_VALUE <- min(v)
    if (max(v) > 0) m$DRAWDOWN <- (max(v) - min(v)) / max(v)
  }
  m
}

# r and b of the days that have both.
benchmark_metrics <- function(r, b, rf, a) {
  m <- list(BETA = NA, ALPHA = NA, TRACKING_ERROR = NA, INFORMATION_RATIO = NA, CORRELATION = NA, R_SQUARED = NA)
  if (length(r) >= 2) {
    m$TRACKING_ERROR <- deviation(r - b, scale = c(r, b)) * sqrt(a)
    if (m$TRACKING_ERROR > 0) m$INFORMATION_RATIO <- a * mean(r - b) / m$TRACKING_ERROR
    if (deviation(b) > 0) {
      m$BETA <- cov(r, b) / var(b)
      m$ALPHA <- a * ((mean(r) - rf) - m$BETA * (mean(b) - rf))
      if (deviation(r) > 0) {
        m$CORRELATION <- min(max(cor(r, b), -1), 1)
        m$R_SQUARED <- m$CORRELATION^2
      }
    }
  }
  m
}

mean_or_null <- function(x) if (all(is.na(x))) NA else mean(x, na.rm = TRUE)

# All that a window's result holds, or NULL where it has no row.
result <- function(series, window, as_of, rf, a) {
  start <- window_start(window, as_of)
  rows <- series[series$day >= start & series$day <= as_of, ]
  if (nrow(rows) == 0) return(NULL)
  r <- rows$r[!is.na(rows$r)]
  m <- list(
    WINDOW_START = format(start), FIRST_OBSERVATION = format(min(rows$day)), LAST_OBSERVATION = format(max(rows$day)),
    OBSERVATIONS = length(r)
  )
  returns <- return_metrics(r, rf, a)
  if (window != "NINETY_DAYS") returns$SHARPE_STANDARD_ERROR <- NULL
  m <- c(m, returns)
  if (window %in% WITH_VALUES) m <- c(m, value_metrics(rows$v[!is.na(rows$v)]))
  if (window %in% WITH_BENCHMARK) {
    pairs <- rows[!is.na(rows$r) & !is.na(rows$b), ]
    m <- c(m, list(BENCHMARK_OBSERVATIONS = nrow(pairs)), benchmark_metrics(pairs$r, pairs$b, rf, a))
  }
  if (window %in% WITH_REPORTED) {
    m <- c(m, list(
      AVERAGE_BETA = mean_or_null(rows$beta), AVERAGE_ALPHA = mean_or_null(rows$alpha),
      AVERAGE_TRACKING_ERROR = mean_or_null(rows$te)
    ))
  }
  m
}

# --- the table ------------------------------------------------------------------------------

# 17 significant digits read back as the same double; + 0 turns -0 into 0.
text <- function(value) {
  if (is.character(value)) value else if (is.na(value)) "" else sprintf("%.17g", value + 0)
}

main <- function() {
  as_of_days <- read.csv("as-of-days.csv", colClasses = c("character", "Date", "character", "character"))
  out <- file("expected/windows-r.csv", "w")
  writeLines("case,window,as_of,risk_free_daily,periods_per_year,metric,value", out)
  for (case in unique(as_of_days$case)) {
    series <- read_series(case)
    for (i in which(as_of_days$case == case)) {
      as_of <- as_of_days$as_of[i]
      rate <- as_of_days$risk_free_daily[i]
      periods <- as_of_days$periods_per_year[i]
      for (window in WINDOWS) {
        m <- result(series, window, as_of, as.numeric(rate), as.numeric(periods))
        if (is.null(m)) m <- list(RESULT = NA)
        writeLines(paste(case, window, format(as_of), rate, periods, names(m), vapply(m, text, ""), sep = ","), out)
      }
    }
  }
  close(out)
}

if (sys.nframe() == 0) main()
