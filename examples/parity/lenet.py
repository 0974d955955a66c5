import math
import sys

import torch
from torch import nn, optim
from torch.nn import functional as F

dtype = getattr(torch, sys.argv[1] if len(sys.argv) > 1 else "float32")
torch.manual_seed(2)


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.norm = nn.BatchNorm2d(16)
        self.drop = nn.Dropout2d(0.1)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 4)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.norm(self.conv2(x))), 2)
        x = self.drop(x).flatten(1)
        x = torch.tanh(self.fc1(x))
        return F.log_softmax(self.fc3(torch.tanh(self.fc2(x))), 1)


def batch():
    """Stripes in one of four directions, in noise; (16, 1, 28, 28)."""
    labels = torch.randint(4, (16,))
    angle = (labels * (math.pi / 4)).view(16, 1, 1)
    rows = torch.arange(28.0).view(1, 28, 1)
    columns = torch.arange(28.0).view(1, 1, 28)
    stripes = torch.sin(columns * torch.cos(angle) + rows * torch.sin(angle))
    return (stripes + 0.5 * torch.randn(16, 28, 28)).unsqueeze(1), labels


net = LeNet().to(dtype)
optimizer = optim.SGD(net.parameters(), lr=0.02, momentum=0.9, nesterov=True)
scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
for step in range(100):
    images, labels = batch()
    loss = F.nll_loss(net(images.to(dtype)), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    print(f"{loss.item():.10f}")
