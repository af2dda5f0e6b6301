"""What the office hands in of the progress: 进度统计表, 未办名单, 通报."""
